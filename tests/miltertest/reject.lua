-- A suspicious mail is refused in words of our own where the thresholds say so. (miltertest does not
-- keep the words of a final reply; with a real Postfix they are looked at.)
dofile(folder .. "/common.lua")
local conn = connect()
send(conn, "4TEST1", "sato.reception@gmail.com", SUSPICIOUS, "Shall we meet?\r\n")
finish(conn)
must(string.char(mt.getreply(conn)) == "y", "not refused")
mt.disconnect(conn)
