"""Names of people whom nobody is, for homes that are invented: of a rehearsal, of the demo."""

from __future__ import annotations

SURNAMES = (
    "Aubry", "Barbier", "Benali", "Berger", "Besson", "Boulanger", "Carlier", "Charpentier", "Chevalier",
    "Colin", "Da Silva", "Delorme", "Diallo", "Dumas", "Fabre", "Ferreira", "Fleury", "Gaillard", "Garnier",
    "Gauthier", "Guérin", "Haddad", "Hamel", "Jacquet", "Joly", "Kaya", "Lacroix", "Lambert", "Leclerc",
    "Lefort", "Lopez", "Maillard", "Marchand", "Masson", "Mercier", "Meunier", "Moreau", "Nguyen", "Noël",
    "Ollivier", "Pelletier", "Perrot", "Picard", "Pons", "Prévost", "Renard", "Rivière", "Rousseau",
    "Royer", "Schmitt", "Simonet", "Tanguy", "Tessier", "Traoré", "Vasseur", "Vidal", "Wagner", "Weber",
)  # fmt: skip
MOTHERS = (
    "Amina", "Anaïs", "Audrey", "Aurélie", "Céline", "Claire", "Élodie", "Fatou", "Hélène", "Inaya", "Julie",
    "Laure", "Leïla", "Lucie", "Maëlle", "Marion", "Mélanie", "Nadia", "Pauline", "Sarah", "Sophie",
    "Virginie",
)  # fmt: skip
FATHERS = (
    "Adrien", "Antoine", "Bastien", "Benoît", "Cédric", "David", "Fabien", "Guillaume", "Hakim", "Jérôme",
    "Julien", "Karim", "Loïc", "Mathieu", "Mehdi", "Nicolas", "Olivier", "Romain", "Samuel", "Sylvain",
    "Yann",
)  # fmt: skip
CHILDREN = (
    "Adam", "Agathe", "Alice", "Ambre", "Arthur", "Aya", "Basile", "Camélia", "Célestin", "Chloé", "Clément",
    "Élise", "Émile", "Emma", "Ethan", "Eva", "Gabin", "Gabriel", "Hugo", "Iris", "Ismaël", "Jade", "Jules",
    "Juliette", "Lina", "Louis", "Louise", "Lucas", "Malo", "Manon", "Marius", "Maxence", "Mia", "Nina",
    "Nino",
    "Olivia", "Oscar", "Paul", "Rayan", "Robin", "Romane", "Rose", "Sacha", "Salomé", "Simon", "Soline",
    "Théa", "Timéo", "Tom", "Victor", "Yasmine", "Zélie",
)  # fmt: skip
STREETS = (
    "rue du Lavoir", "rue des Tilleuls", "chemin des Vignes", "impasse du Puits", "rue de la Fontaine",
    "route de Brisecombe", "rue du Four", "allée des Noisetiers", "rue Basse", "place du Marché",
)  # fmt: skip
