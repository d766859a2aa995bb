"""« Mes réservations »: the planning, its saving, and « Répéter »."""
