"""Files and text leave here: written whole or not at all, and harmless wherever they are read."""
