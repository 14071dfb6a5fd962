<?php
// An application that knows nothing of signatures in the cloud but what it may read beside the form.

function text(string $value): string
{
    return htmlspecialchars($value, ENT_QUOTES | ENT_SUBSTITUTE, 'UTF-8');
}

header('Content-Type: text/html; charset=UTF-8');

$who = ($_SERVER['NOMBRE'] ?? '') . ' (' . ($_SERVER['REMOTE_USER'] ?? '') . ')';
$signed = ($_SERVER['HTTP_X_CLAVE_SIGN_STATE'] ?? '') === 'signed';
$receipt = $_SERVER['HTTP_X_CLAVE_SIGN_RECEIPT'] ?? '';
?>
<!DOCTYPE html>
<html lang="es">
<head><meta charset="utf-8"><title>Alta de beneficiario</title></head>
<body>
<h1>Alta de beneficiario</h1>
<p id="quien">Se ha identificado: <strong><?= text($who) ?></strong></p>
<?php if ($_SERVER['REQUEST_METHOD'] !== 'POST'): ?>
<form method="post">
<p><label for="beneficiario">Persona a la que da de alta</label>
<input id="beneficiario" name="beneficiario" value="María García López" required></p>
<p><label><input type="checkbox" name="declaracion" value="sí" required>
Declaro que los datos son ciertos.</label></p>
<button type="submit" id="presentar">Firmar y presentar</button>
</form>
<?php else: ?>
<p id="presentada">Solicitud presentada<?= $signed ? ' y firmada' : ', sin firma' ?>.</p>
<ul id="datos">
<?php foreach ($_POST as $name => $value): ?>
<li><?= text($name) ?>: <?= text(is_array($value) ? implode(', ', $value) : $value) ?></li>
<?php endforeach ?>
</ul>
<?php if ($signed && $receipt !== ''): ?>
<p><a id="justificante" href="<?= text($receipt) ?>">Justificante de firma</a></p>
<?php endif ?>
<?php endif ?>
</body>
</html>
