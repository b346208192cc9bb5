-- A suspicious mail is put on hold where the thresholds say so.
dofile(folder .. "/common.lua")
local conn = connect()
send(conn, "4TEST1", "sato.reception@gmail.com", SUSPICIOUS, "Shall we meet?\r\n")
finish(conn)
accepted(conn)
must(mt.eom_check(conn, MT_QUARANTINE), "not held")
must(has_header(conn, "X-Sekisho-Decision"), "no decision")
mt.disconnect(conn)
