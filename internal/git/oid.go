package git

import "keysweep/internal/odb"

// OID is the id of an object, of either hash. It is comparable; the zero OID is no object's.
type OID = odb.ID

// OIDSize returns the length in bytes of ids in a repository of the given object format: 20 for "sha1", 32 for "sha256".
func OIDSize(format string) int { return odb.IDSize(format) }

// ParseOID reads the 40 or 64 hexadecimal digits of an id. All zeros give the zero OID.
func ParseOID(digits string) (OID, error) { return odb.ParseID(digits) }

func rawOID(raw []byte) OID { return odb.RawID(raw) }

func clipped(s string) string {
	const most = 80
	return Printable(s[:min(len(s), most)])
}
