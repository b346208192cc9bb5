-- A suspicious mail gets headers and a changed body; forged headers of ours are deleted.
dofile(folder .. "/common.lua")
local conn = connect()
local forged = { { "X-Sekisho-Score", "0" } }
for _, field in ipairs(SUSPICIOUS) do table.insert(forged, field) end
send(conn, "4TEST1", "sato.reception@gmail.com", forged, "Shall we meet?\r\n")
finish(conn)
accepted(conn)
must(has_header(conn, "X-Sekisho-Score"), "no score")
must(has_header(conn, "X-Sekisho-Decision"), "no decision")
must(has_header(conn, "X-Sekisho-Indicators"), "no indicators")
must(mt.eom_check(conn, MT_HDRDELETE, "X-Sekisho-Score"), "the forged score stays")
must(mt.eom_check(conn, MT_BODYCHANGE), "no banner")
must(not mt.eom_check(conn, MT_QUARANTINE), "held")
mt.disconnect(conn)
