"""« Simuler un prix », for everybody: what a month would cost, with its calculation."""
