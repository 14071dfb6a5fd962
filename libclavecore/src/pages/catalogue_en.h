// What the pages say, in English. Names of Cl@ve's methods stay as the gateway's buttons have them.
#pragma once

#include <array>

#include "pages/catalogue_sign_en.h"
#include "pages/message.h"

namespace clave::pages {

inline constexpr auto kEnglishBasic = std::to_array<Message>({
    {"common.service", "Identification with Cl@ve"},
    {"common.skip", "Skip to main content"},
    {"common.language", "Language"},
    {"common.language_new_tab", "Language (opens in another tab)"},
    {"common.ref", "If you ask for help, give this code: {ref}"},
    {"common.help",
     "If you need help, call {phone}. Nobody will ask you for your password on the telephone."},
    {"common.accessibility", "Accessibility statement"},
    {"common.try_again", "Try again"},
    {"common.back_home", "Back to the home page"},
    {"common.simulation_banner",
     "SIMULADOR: this is a test page. Nothing that you do here has any legal effect."},

    {"help.title", "Help with Cl@ve"},
    {"help.registration",
     "How to register, move to the advanced level, renew the registration or deregister"},
    {"help.movil", "I do not receive the Cl@ve PIN code or the Cl@ve Móvil notification"},
    {"help.permanente", "Activate Cl@ve Permanente, or recover a forgotten or blocked password"},

    {"redirect.title", "We are taking you to Cl@ve"},
    {"redirect.body", "To continue you need to identify yourself with {need}."},
    {"redirect.wait", "If the page does not move on by itself in a few seconds, press the button."},
    {"redirect.button", "Continue to Cl@ve"},

    {"need.pin", "Cl@ve PIN"},
    {"need.movil", "Cl@ve Móvil"},
    {"need.permanente", "Cl@ve Permanente"},
    {"need.permanente_otp", "Cl@ve Permanente and a code that you will receive by SMS"},
    {"need.certificado", "an electronic certificate"},
    {"need.dnie", "the DNIe (electronic identity card)"},
    {"need.or", "or"},
    {"need.other", "Cl@ve"},

    {"method.pin", "Cl@ve PIN or Cl@ve Móvil"},
    {"method.permanente", "Cl@ve Permanente (password)"},
    {"method.permanente_otp", "Cl@ve Permanente with a code by SMS"},
    {"method.certificado", "an electronic certificate or DNIe"},
    {"method.eidas", "the identification of another country of the European Union"},
    {"method.cartera", "the European digital wallet"},

    {"stepup.title", "This procedure asks for a more secure identification"},
    {"stepup.title_again", "This procedure asks you to identify yourself again"},
    {"stepup.have", "You are now identified with {method}."},
    {"stepup.need", "For this procedure you need {need}."},
    {"stepup.registration",
     "You also need the advanced registration in Cl@ve, which you get in person or with an "
     "electronic certificate."},
    {"stepup.represented",
     "You are now acting on behalf of somebody else. For this procedure you must identify yourself "
     "in your own name."},
    {"stepup.too_old",
     "You identified yourself a while ago. To protect your data, this procedure asks you to do so "
     "once more."},
    {"stepup.keep", "You will not lose what you have done so far."},
    {"stepup.button", "Identify myself again"},

    {"expired.title", "Your session has ended"},
    {"expired.body",
     "For your security, a session ends after a time without activity, or when it reaches its "
     "longest duration. The service itself may also close it earlier, for example for "
     "maintenance."},
    {"expired.signing",
     "You have just come back from Cl@ve Firma. Identify yourself again as soon as you can, as the "
     "same person: we will then collect the signature, if it was made, and you will see the "
     "result. Do not repeat the procedure until you have seen it."},
    {"expired.saved",
     "What you have just sent is kept. The procedure will receive it when the same person "
     "identifies themselves again."},
    {"expired.how",
     "If you identify yourself again, you will go on to the page that you asked for. For this "
     "procedure you need {need}."},

    {"cancelled.title", "The identification was not completed"},
    {"cancelled.body",
     "The identification with Cl@ve was cancelled or could not finish. None of your data has been "
     "stored."},
    {"cancelled.other_ways",
     "You can try again, choose another way to identify yourself, or go to an office."},

    {"level.title", "You are identified, but not at the level that is needed"},
    {"level.body", "For this procedure you need {need}."},
    {"level.retry", "Try again and, in Cl@ve, choose what is indicated here."},
    {"level.registration",
     "If that is what you chose, your Cl@ve registration may be at the basic level: this procedure "
     "needs the advanced registration."},

    {"reg.title", "Your Cl@ve registration is at the basic level"},
    {"reg.why",
     "This procedure asks for the advanced registration, which gives more certainty about your "
     "identity."},
    {"reg.how",
     "You can get it in person at a Cl@ve registration office, or on the internet with an "
     "electronic certificate or DNIe."},

    {"down.title", "The service is not responding at the moment"},
    {"down.body",
     "It is not your fault, nor that of your computer. Wait a few minutes and try again."},
    {"down.deadline",
     "If your deadline ends today, keep the code on this page and ask through another channel: the "
     "deadline can be extended when the service fails."},

    {"invalid.title", "We could not check your identification"},
    {"invalid.body",
     "The answer from Cl@ve arrived incomplete, repeated or too late. To be safe, we have not "
     "accepted it."},
    {"invalid.status",
     "Cl@ve could not complete the identification. Wait a few minutes and try again."},
    {"invalid.retry",
     "Start again. If it happens once more, ask for help with the code on this page."},

    {"stale.title", "This identification is no longer valid"},
    {"stale.body",
     "Too much time has passed, you began it in another browser, or you had already finished it in "
     "another tab."},
    {"stale.restart", "Start again from the procedure that you were in."},

    {"cookies.title", "Your browser does not keep the identification"},
    {"cookies.body",
     "You have identified yourself several times in a row, but your browser does not store the "
     "cookies that this site needs to remember it."},
    {"cookies.none",
     "Your browser has sent no cookie of this site. That happens when they are blocked, when too "
     "much time has passed, or if you have opened a saved link to this page."},
    {"cookies.how",
     "Allow the cookies of this site, or use another browser or leave private mode. Then try "
     "again."},

    {"post.title", "To send this form you have to identify yourself"},
    {"post.body", "Nothing has been sent. Do not close this page yet."},
    {"post.size", "With your files it is too large for us to keep while you identify yourself."},
    {"post.room", "We cannot keep it at the moment while you identify yourself."},
    {"post.how",
     "First identify yourself in a new tab. Then return to the tab of the form and press the "
     "“Back” button: your browser usually keeps the data. Then send the form."},
    {"post.button", "Identify myself in a new tab"},

    {"deny.title", "You cannot continue with this identification"},
    {"deny.body", "The procedure is not open to the person who is identified."},
    {"deny.represented",
     "This procedure is done in your own name: it does not take certificates of representatives or "
     "companies."},
    {"deny.changed",
     "Somebody other than the person with the open session has identified themselves. To be safe, "
     "we have closed the session."},
    {"deny.how", "If you think that this is a mistake, start again or ask for help."},

    {"logout.title", "You have logged out"},
    {"logout.onward",
     "Your session at this site has already ended. Now we also close the one that you have at "
     "Cl@ve."},
    {"logout.onward_button", "Close the session at Cl@ve, too"},
    {"logout.partial",
     "Your session at this site has ended, but we do not know whether Cl@ve has closed its own."},
    {"logout.close",
     "Close the browser: then nobody can go on in your name if you use a shared computer."},
    {"logout.ask_title", "Do you want to close the session?"},
    {"logout.ask_body",
     "So that nobody closes it without your permission, please confirm with the button."},
    {"logout.ask_button", "Close the session"},
    {"logout.unsure_title", "The session may still be open"},
    {"logout.unsure",
     "We have removed the session from this browser, but the service is not responding and we do "
     "not know whether it has ended altogether. It will end by itself in a while."},

    {"expiring.title", "Your session is about to end"},
    {"expiring.minutes", "It will end in {n} minutes. Do you want to go on?"},
    {"expiring.minute", "It will end in less than 2 minutes. Do you want to go on?"},
    {"expiring.soon", "It will end in less than 1 minute. Do you want to go on?"},
    {"expiring.last",
     "It cannot be extended any further. Save or send what you are doing before it ends."},
    {"expiring.extend", "Go on with the session"},
    {"expiring.understood", "Understood"},
    {"expiring.over_title", "Your session has ended"},
    {"expiring.over",
     "What you have not sent is still on this page, but you will have to identify yourself again."},
    {"expiring.close", "Close this notice"},

    {"missing.title", "This page does not exist"},
    {"missing.body", "Check the address or go back to the home page."},

    {"error.title", "Something went wrong"},
    {"error.body", "We could not handle your request. Try again later."},
});

inline constexpr auto kEnglish = joined(kEnglishBasic, kEnglishSigning);

}  // namespace clave::pages
