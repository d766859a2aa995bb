"""Page shells, components, the planning grid's renderer and static files. Knows only `core`."""
