"""« Chiffres »: attendance, places, requests and the use of the portal, counted."""
