"""« Importer des familles »: a file, its columns, what it would do, then its progress."""
