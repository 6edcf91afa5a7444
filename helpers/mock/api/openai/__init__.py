"""What OpenAI's models take, on whichever host they are called, and what they refuse, in their own words.

`parameters` are the bodies, `words` says what is wrong with one, `rules` are those that no body by itself breaks.
"""
