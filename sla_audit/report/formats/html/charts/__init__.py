"""The charts of the page: SVG that the program draws, each with the figures that stand beside it."""
