-- What the overview page needs of the database, written by hand for SQLite: the rows that it shows, and the facts that
-- its signals name. :now is the key of the current round, :r1 to :r5 are those before it, :person is the reader.

select p.id, p.number, p.title, p.kind, p.parent_id, p.phase, p.confidentiality, p.case_numbers, p.owner_id,
       p.leader_id, t.name, o.name, l.name, u.code, up.title
from project p
join theme t on t.id = p.theme_id
left join person o on o.id = p.owner_id
left join person l on l.id = p.leader_id
left join unit u on u.id = p.unit_id
left join project up on up.id = p.parent_id
where (p.confidentiality <> 'closed' or :person in (p.owner_id, p.leader_id) or p.id in (
        select project_id from body_project join seat using (body_id) where person_id = :person))
  and exists (select 1 from placement where project_id = p.id and from_on <= :day and (to_on is null or to_on > :day))
order by t.position, p.series desc, p.sequence;

select project_id, round_id, case when state in ('approved', 'frozen') then colour end
from report where round_id in (:now, :r1, :r2, :r3, :r4, :r5);

select project_id, state, colour, summary, path_action, path_who, path_on, decision_wanted, decision_track,
       decision_by_on, options, approved_at
from report where round_id = :now;

select r.project_id, a.dimension, a.colour, a.comment
from report r join assessment a on a.report_id = r.id where r.round_id = :now;

select project_id, summary from report where round_id = :r1;

select project_id, text, due_on, precision
from milestone where done_on is null and dropped_on is null and due_on < :day;

select id, project_id, name, direction, path, baseline_value, baseline_on, target_value, target_on
from effect_target where not withdrawn;

select m.effect_target_id, m.value, m.measured_on, m.precision
from measurement m
where not m.withdrawn and m.measured_on = (
        select max(measured_on) from measurement where effect_target_id = m.effect_target_id and not withdrawn)
