package keys

func parseOpenSSH([]byte) (*File, error) { return nil, ErrNoKey }
