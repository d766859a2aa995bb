"""How the portal itself is: what is read of it (`reading`), and what of that an administrator must know
(`rules`). Not here: the health of children (`flows.care`), nor what the worker does (`flows.upkeep`)."""
