-- Say which names belong to the first `limit` names of a scope, adding them while there is room.
-- KEYS[1] the scope's hash (name -> day last seen); ARGV today, limit, days of silence, names...
-- Returns 1 or 0 for each name.
local today, limit, silence = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local room = limit - redis.call('HLEN', KEYS[1])
local swept = false
local answers = {}
for i = 4, #ARGV do
  local known = redis.call('HGET', KEYS[1], ARGV[i])
  if not known and room <= 0 and not swept then
    swept = true
    local all = redis.call('HGETALL', KEYS[1])
    for j = 1, #all, 2 do
      if tonumber(all[j + 1]) < today - silence then
        redis.call('HDEL', KEYS[1], all[j])
        room = room + 1
      end
    end
  end
  if known or room > 0 then
    if not known then room = room - 1 end
    if not known or tonumber(known) < today then redis.call('HSET', KEYS[1], ARGV[i], ARGV[1]) end
    answers[#answers + 1] = 1
  else
    answers[#answers + 1] = 0
  end
end
return answers
