"""« Prélèvement automatique »: the mandate by which a home has its bills debited."""
