"""A text as tokens: counted, cut, wound up and given out with their probabilities."""
