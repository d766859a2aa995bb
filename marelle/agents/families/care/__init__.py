"""The care of the children of a structure, for those who look after them and for the office."""
