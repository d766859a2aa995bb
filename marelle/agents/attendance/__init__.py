"""« Présences »: who is there, ticked by who is logged in and on the tablets of the door."""
