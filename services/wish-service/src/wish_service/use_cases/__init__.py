"""What people and other services want of this one, one verb per file.

sign in:   request_code · sign_in · assign_staff
a wish:    post_wish · revise_wish · review_wish · end_wish (withdraw, take down, close, merge) · answer_delivery
reading:   show_contact (audited)
Kafka:     take_claims_event
at start:  import_communities
"""
