"""The JSON that comes in and goes out. Tables are elsewhere, and services never see these."""
