-- Shared by the scripts beside it: one mail over miltertest (Debian package of that name), step by
-- step, leaving out what the filter said it does not want to hear.

-- miltertest itself is silent about why a script ended.
function fail(what)
  mt.echo(what)
  error(what)
end

function connect()
  local conn = mt.connect("inet:" .. port .. "@127.0.0.1", 40, 0.05)
  if conn == nil then fail("no connection to the filter on port " .. port) end
  if mt.conninfo(conn, "mx.outside.example", "192.0.2.25") ~= nil then fail("connect") end
  goes_on(conn, "connect")
  if not mt.test_option(conn, SMFIP_NOHELO) then
    if mt.helo(conn, "mx.outside.example") ~= nil then fail("helo") end
    goes_on(conn, "helo")
  end
  return conn
end

function goes_on(conn, step)
  local reply = mt.getreply(conn)
  if reply ~= SMFIR_CONTINUE and reply ~= SMFIR_SKIP then
    fail(step .. ": reply " .. string.char(reply))
  end
end

-- Everything up to the end of the body; mt.eom is left to the caller.
function send(conn, id, from, headers, body)
  mt.macro(conn, SMFIC_MAIL, "i", id)
  if mt.mailfrom(conn, "<" .. from .. ">") ~= nil then fail("mail") end
  goes_on(conn, "mail")
  if mt.rcptto(conn, "<taro@own.example>") ~= nil then fail("rcpt") end
  goes_on(conn, "rcpt")
  if not mt.test_option(conn, SMFIP_NODATA) then
    if mt.data(conn) ~= nil then fail("data") end
    goes_on(conn, "data")
  end
  for _, field in ipairs(headers) do
    if mt.header(conn, field[1], field[2]) ~= nil then fail("header " .. field[1]) end
    goes_on(conn, "header")
  end
  if not mt.test_option(conn, SMFIP_NOEOH) then
    if mt.eoh(conn) ~= nil then fail("end of headers") end
    goes_on(conn, "end of headers")
  end
  if mt.bodystring(conn, body) ~= nil then fail("body") end
  goes_on(conn, "body")
end

function finish(conn)
  if mt.eom(conn) ~= nil then fail("end of message") end
end

function accepted(conn)
  local reply = mt.getreply(conn)
  if reply ~= SMFIR_ACCEPT and reply ~= SMFIR_CONTINUE then
    fail("not accepted: reply " .. string.char(reply))
  end
end

function must(condition, what)
  if not condition then fail(what) end
end

-- Whether a header of ours was put into the mail, by either of the two ways.
function has_header(conn, name)
  return mt.eom_check(conn, MT_HDRINSERT, name) or mt.eom_check(conn, MT_HDRADD, name)
end

SUSPICIOUS = {
  { "From", "Sato <sato.reception@gmail.com>" },
  { "To", "taro@own.example" },
  { "Subject", "Meeting" },
  { "Content-Type", "text/plain; charset=us-ascii" },
}

HONEST = {
  { "From", "Sato <sato@partner.example>" },
  { "To", "taro@own.example" },
  { "Subject", "Meeting" },
}
