"""What homes contest of their bills, decided by who keeps them."""
