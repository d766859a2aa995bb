"""Forms open to everybody, kept from machines and floods: a small proof of work, and counted sendings."""
