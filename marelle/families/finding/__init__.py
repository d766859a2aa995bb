"""Finding a family from what an agent types: an index of words, that people's mistakes do not defeat."""
