//! Speaks Appwrite's HTTP and Realtime protocols on loopback over SQLite, for development and tests.
