"""An account copied whole: records of another account in the words and ids of this one."""
