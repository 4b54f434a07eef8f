// SPDX-License-Identifier: GPL-3.0-or-later
#include "workloads/confirm_dialog.h"

#include "models/read.h"
#include "widgets/theme.h"

#include <QDialogButtonBox>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QVBoxLayout>

namespace keelson::ui {

ConfirmDialog::ConfirmDialog(const QString& question, const QString& verb, QWidget* parent)
    : QDialog(parent),
      m_explanation(new QLabel(this)),
      m_names(new QPlainTextEdit(this)),
      m_typeHint(new QLabel(this)),
      m_typed(new QLineEdit(this))
{
    setWindowTitle(verb);
    auto* title = new QLabel(breakable(question), this);
    auto font = title->font();
    font.setPointSizeF(font.pointSizeF() * 1.2);
    font.setBold(true);
    title->setFont(font);
    title->setWordWrap(true);
    m_explanation->setWordWrap(true);
    m_explanation->setForegroundRole(QPalette::PlaceholderText);
    m_names->setReadOnly(true);
    m_names->setLineWrapMode(QPlainTextEdit::NoWrap); // a line each
    m_names->setMaximumHeight(140);
    m_names->setFont(Theme::monospace());
    m_names->hide();
    m_typeHint->setWordWrap(true);
    m_typeHint->hide();
    m_typed->hide();
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, this);
    m_accept = buttons->addButton(verb, QDialogButtonBox::AcceptRole);
    m_accept->setAutoDefault(false);
    m_cancel = buttons->button(QDialogButtonBox::Cancel);
    m_cancel->setDefault(true);
    m_cancel->setFocus();
    connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(22, 20, 22, 18);
    column->setSpacing(12);
    column->addWidget(title);
    column->addWidget(m_explanation);
    column->addWidget(m_names);
    column->addWidget(m_typeHint);
    column->addWidget(m_typed);
    column->addWidget(buttons);
    setMinimumWidth(460);
}

void ConfirmDialog::setExplanation(const QString& text)
{
    m_explanation->setText(text);
}

void ConfirmDialog::setNames(const QStringList& names)
{
    m_names->setPlainText(names.join(QLatin1Char('\n')));
    m_names->setVisible(names.size() > 1);
}

void ConfirmDialog::setTypedWord(const QString& word)
{
    m_typeHint->setText(tr("Type %1 to go on:").arg(breakable(word)));
    m_typeHint->show();
    m_typed->show();
    m_typed->setFocus();
    m_accept->setEnabled(false);
    connect(m_typed, &QLineEdit::textChanged, this, [this, word](const QString& text) {
        m_accept->setEnabled(text == word);
        (text == word ? m_accept : m_cancel)->setDefault(true);
    });
}

} // namespace keelson::ui
