"""The microwish command: embedded servers, a supervisor and a gateway on one machine."""
