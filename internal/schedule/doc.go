// Package schedule has the system run a keysweep command once a day: by a systemd user timer, cron or launchd.
//
// Start at Scheduler; the functions that write its files, Units, Crontab and Agent, are pure. What is promised: what others wrote
// into a crontab stays, byte for byte; installing again changes nothing; Remove takes away only what Install has made.
package schedule
