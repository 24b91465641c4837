"""What people and other services want of this one, one verb per file.

sign in:   request_code · sign_in · assign_staff
a wish:    post_wish · revise_wish · review_wish · end_wish (withdraw, take down, close, merge) · answer_delivery
photos:    add_photo · judge_photo (approve, remove) · sweep_photos (left-overs, on a timer)
staff:     do_task (call, done) · recommend_wish
time:      pass_time · settle_tasks (what the worker does)
reading:   show_contact (audited)
Kafka:     take_claims_event
at start:  import_communities
"""
