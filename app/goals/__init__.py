"""What patient and counselor agree to reach, and how it goes. Pure."""
