"""Everything that can be done here, one verb per file.

People:  register_organisation, verify_organisation, manage_members, follow_wishes,
         claim_wish, tend_adoption (note, deliver, release, extend, revoke), read_contact,
         join_claim (ask, answer, let go), name_handler
Staff:   hand_over (propose, withdraw, answer)
Events:  take_wish_event
Time:    pass_time (lapse and remind), release_suspended
"""
