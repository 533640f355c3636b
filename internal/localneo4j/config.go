//go:build unix

package localneo4j

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// username is the one user that a new Neo4j Community has.
const username = "neo4j"

// ensurePassword reads the password of the data directory. On a new directory
// it makes one and leaves its hash where Neo4j looks for the first user's
// credentials when it starts for the first time, so that the password is on no
// command line and in no log.
func ensurePassword(home homeDir) (string, error) {
	text, err := os.ReadFile(home.passwordFile())
	if err == nil {
		password := strings.TrimSpace(string(text))
		if password == "" {
			return "", fmt.Errorf("password file %s is empty: put the password of user %s into it", home.passwordFile(), username)
		}
		return password, os.Chmod(home.passwordFile(), 0o600)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	if _, err := os.Stat(home.path("data", "databases", "system")); err == nil {
		return "", fmt.Errorf("password file %s is missing, but there is data: put the password of user %s into a file of that name, or remove %s to begin with empty data", home.passwordFile(), username, home)
	}

	password := rand.Text()
	authFile := home.path("data", "dbms", "auth.ini")
	if err := os.MkdirAll(filepath.Dir(authFile), 0o700); err != nil {
		return "", err
	}
	// The password comes last: while it is missing, both are made again.
	if err := os.WriteFile(authFile, []byte(credential(password)), 0o600); err != nil {
		return "", err
	}
	return password, writeAtomically(home.passwordFile(), password+"\n")
}

// credential renders the user as `neo4j-admin dbms set-initial-password` does
// (org.neo4j.server.security.auth.UserSerialization in Neo4j 5):
// name:SHA-256,HASH,SALT,ITERATIONS: with hash and salt in hexadecimal. The
// password has 130 random bits, so the few iterations do no harm.
func credential(password string) string {
	const iterations = 1024
	salt := make([]byte, 32)
	_, _ = rand.Read(salt) // never fails
	hash := sha256.Sum256(append(salt[:len(salt):len(salt)], password...))
	for range iterations - 1 {
		hash = sha256.Sum256(hash[:])
	}
	return fmt.Sprintf("%s:SHA-256,%s,%s,%d:\n", username, hex.EncodeToString(hash[:]), hex.EncodeToString(salt), iterations)
}

// settings renders neo4j.conf. Community has no roles: whoever reaches Bolt is
// in effect an administrator, so everything that reaches out of the database
// (files, other hosts, other listeners) is closed here.
func settings(o Options, version string, boltPort, httpPort int) string {
	var b strings.Builder
	set := func(name string, value any) { fmt.Fprintf(&b, "%s=%v\n", name, value) }

	b.WriteString("# Written at every start; changes made here are lost.\n")
	set("server.default_listen_address", "127.0.0.1")
	set("server.default_advertised_address", "127.0.0.1")
	set("server.bolt.listen_address", fmt.Sprintf("127.0.0.1:%d", boltPort))
	set("server.bolt.advertised_address", fmt.Sprintf("127.0.0.1:%d", boltPort))
	set("server.https.enabled", false)
	set("server.http.enabled", !o.NoBrowser)
	if !o.NoBrowser {
		set("server.http.listen_address", fmt.Sprintf("127.0.0.1:%d", httpPort))
		set("server.http.advertised_address", fmt.Sprintf("127.0.0.1:%d", httpPort))
		// Neo4j Browser talks Bolt; the HTTP query endpoints, which write by
		// default and answer any origin, are left out.
		set("server.http_enabled_modules", "BROWSER")
		set("dbms.security.http_access_control_allow_origin", fmt.Sprintf("http://127.0.0.1:%d", httpPort))
		// Neo4j Browser works without the hosts it would otherwise call.
		set("dbms.security.http_static_content_security_policy_header",
			"default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; font-src 'self' data:; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; connect-src 'self' ws://127.0.0.1:* ws://localhost:*")
		set("browser.remote_content_hostname_whitelist", "")
	}

	set("dbms.security.auth_enabled", true)
	set("dbms.security.allow_csv_import_from_file_urls", false)
	set("internal.dbms.cypher_ip_blocklist", "0.0.0.0/0,::/0")
	set("dbms.usage_report.enabled", false)
	set("client.allow_telemetry", false)

	if calendarVersion(version) && version >= "2025.06" { // which has this setting
		// 5.26 knows Cypher 5 alone; statements mean the same in both (docs/decisions.md), which tests on either hold.
		set("db.query.default_language", "CYPHER_25")
	}

	set("server.memory.pagecache.size", fmt.Sprintf("%dm", o.PageCacheMB))
	// Entities have about as many claims as relationships. From this many on Neo4j keeps those of each type apart, and
	// need not pass by the others to find them. It counts for what is stored from now on.
	set("db.relationship_grouping_threshold", 10)
	// One statement must not starve the others, nor all of them the server.
	set("db.memory.transaction.max", fmt.Sprintf("%dm", o.HeapMB/2))
	set("dbms.memory.transaction.total.max", fmt.Sprintf("%dm", o.HeapMB*7/10))
	// A client may set its own; this ends what nobody waits for.
	set("db.transaction.timeout", "120s")

	// Stopping: Bolt's quiet period alone takes 10 s, and what still runs would
	// get minutes.
	set("internal.dbms.bolt.netty_server_shutdown_quiet_period", 0)
	set("internal.server.bolt.thread_pool_shutdown_wait_time", "5s")
	set("internal.server.bolt.connection_shutdown_wait_time", "5s")
	set("db.shutdown_transaction_end_timeout", "5s")

	// Transaction logs of 256 MB each, allocated in advance for two databases,
	// are out of proportion here.
	set("db.tx_log.rotation.size", "32m")
	set("db.tx_log.rotation.retention_policy", "128m size")
	for _, setting := range o.Settings {
		b.WriteString(setting + "\n")
	}
	return b.String()
}

// javaArguments renders the argument file of the java program (one argument a
// line): kept out of the command line because of the length of the class path.
func javaArguments(o Options, install installation, home homeDir) string {
	arguments := []string{
		fmt.Sprintf("-Xms%dm", o.HeapMB),
		fmt.Sprintf("-Xmx%dm", o.HeapMB),
		// Java's choice, G1, keeps the pauses of large heaps short, and pays for it at every store of a reference: statements
		// took it 8 in 100 more (docs/decisions.md). The pauses of a heap as small as this one are a few milliseconds.
		"-XX:+UseSerialGC",
		"--add-opens=java.base/java.nio=ALL-UNNAMED",
		"--add-opens=java.base/java.io=ALL-UNNAMED",
		"--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
		"--add-opens=java.base/java.util.concurrent=ALL-UNNAMED",
		"--enable-native-access=ALL-UNNAMED",
		"-Dfile.encoding=UTF-8",
		"-Djava.awt.headless=true",
	}
	if calendarVersion(install.version) {
		arguments = append(arguments, "--add-modules=jdk.incubator.vector")
	}
	if install.archive != "" {
		arguments = append(arguments, "-XX:SharedArchiveFile="+install.archive)
	}
	arguments = append(arguments, o.JavaOptions...)
	arguments = append(arguments, "-cp", install.classPath("server"), install.mainClass,
		"--home-dir="+string(home), "--config-dir="+filepath.Dir(home.config()))

	var b strings.Builder
	escape := strings.NewReplacer(`\`, `\\`, `"`, `\"`)
	for _, argument := range arguments {
		b.WriteString(`"` + escape.Replace(argument) + "\"\n")
	}
	return b.String()
}

// writeAtomically writes a file that only its owner reads, whole or not at all.
func writeAtomically(path, text string) error {
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(file.Name()) }()
	_, err = file.WriteString(text)
	if err == nil {
		err = file.Sync()
	}
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	return err
}
