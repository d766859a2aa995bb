"""« Présence du jour »: what was booked and what was seen differ."""
