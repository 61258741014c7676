"""The search for rows of one request: found by hashes, compared by what they say, in bounded memory."""
