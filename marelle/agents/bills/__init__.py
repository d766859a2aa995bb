"""« Facturer un mois »: a run that is begun, looked at, issued or given up; how an authority bills."""
