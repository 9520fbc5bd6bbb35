"""What is served over HTTP: pages for people, and the door that senders post to."""
