"""« Attribution »: how places that many want at once are given, from the choice to the published answers."""
