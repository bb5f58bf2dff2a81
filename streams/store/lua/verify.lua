-- Say whether a claim and its position still stand, and renew the lease if they do.
-- KEYS[1] prefix; ARGV epoch, owner, next, lease in ms. Returns 1 or 0.
local ledger = KEYS[1] .. 'ledger'
local held = redis.call('HMGET', ledger, 'epoch', 'owner', 'next', 'pruned')
if held[1] ~= ARGV[1] or held[2] ~= ARGV[2] or held[3] ~= ARGV[3] then
  return 0
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('HSET', ledger, 'lease', string.format('%.0f', now + ARGV[4]), 'verified', string.format('%.0f', now))
local hour = math.floor(now / 3600000)
if tonumber(held[4] or 0) < hour then
  -- once an hour: forget the panes that have expired
  redis.call('HSET', ledger, 'pruned', hour)
  local changes = KEYS[1] .. 'changes'
  local minute, quarter = now / 60000 - 301, now / 900000 - 3365
  for _, pane in ipairs(redis.call('ZRANGE', changes, 0, -1)) do
    local number = tonumber(string.sub(pane, 3))
    if number < (string.sub(pane, 1, 1) == 'm' and minute or quarter) then
      redis.call('ZREM', changes, pane)
    end
  end
end
return 1
