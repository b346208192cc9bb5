-- A suspicious mail is refused with 550 5.7.1 where the thresholds say so.
dofile(folder .. "/common.lua")
local conn = connect()
send(conn, "4TEST1", "sato.reception@gmail.com", SUSPICIOUS, "Shall we meet?\r\n")
finish(conn)
must(mt.eom_check(conn, MT_SMTPREPLY, "550", "5.7.1"), "no 550 5.7.1")
mt.disconnect(conn)
