"""The list of the pupils of a school, once a year: who is known, who moved up, who left, who is new."""
