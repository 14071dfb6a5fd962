// Sends the answer back by itself; without script the button does.
document.getElementById("entrega").submit();
