"""Who works where: posts given and taken back, agents invited and suspended."""
