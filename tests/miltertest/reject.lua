-- A suspicious mail is refused with 550 5.7.1 where the thresholds say so.
dofile(folder .. "/common.lua")
local conn = connect()
send(conn, "4TEST1", "sato.reception@gmail.com", SUSPICIOUS, "Shall we meet?\r\n")
finish(conn)
-- miltertest keeps the kind of the last reply, not its text; the text is looked at over a real Postfix.
must(mt.getreply(conn) == SMFIR_REPLYCODE, "no reply of our own")
mt.disconnect(conn)
