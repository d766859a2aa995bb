"""« Venir d’un autre logiciel »: what may be brought and in which order, each file with its preview."""
