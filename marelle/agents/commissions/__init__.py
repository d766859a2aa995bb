"""« Commissions »: places in crèche on the demands of the guichet unique, from the sheets to the answers."""
