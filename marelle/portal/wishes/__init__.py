"""« Vœux »: what a home wishes of a campaign, and the answer that it gets."""
