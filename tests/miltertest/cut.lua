-- A connection that is cut in mid-message harms nobody else.
dofile(folder .. "/common.lua")
local cut = connect()
send(cut, "4TEST1", "sato.reception@gmail.com", SUSPICIOUS, "Half of it")
mt.disconnect(cut, false)

local conn = connect()
send(conn, "4TEST2", "sato@partner.example", HONEST, "Shall we meet?\r\n")
finish(conn)
accepted(conn)
mt.disconnect(conn)
