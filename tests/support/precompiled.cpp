// Exists to own the precompiled header that every test binary shares.
