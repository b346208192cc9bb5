-- One connection: a mail, one that is given up half-way, an honest one. None leaks into the next.
dofile(folder .. "/common.lua")
local conn = connect()
send(conn, "4TEST1", "sato.reception@gmail.com", SUSPICIOUS, "Shall we meet?\r\n")
finish(conn)
accepted(conn)
must(mt.eom_check(conn, MT_BODYCHANGE), "no banner")
mt.abort(conn)

send(conn, "4TEST2", "sato.reception@gmail.com", SUSPICIOUS, "Half of it")
mt.abort(conn)

send(conn, "4TEST3", "sato@partner.example", HONEST, "Shall we meet?\r\n")
finish(conn)
accepted(conn)
must(has_header(conn, "X-Sekisho-Decision"), "no decision")
mt.disconnect(conn)
