//! As much DER as the certificate log needs: reading elements, and taking the poison out of a precertificate.

use anyhow::{Result, bail, ensure};

/// Object identifier 1.3.6.1.4.1.11129.2.4.3 with its header: marks a precertificate (RFC 6962, 3.1).
const POISON: &[u8] = &[0x06, 0x0a, 0x2b, 0x06, 0x01, 0x04, 0x01, 0xd6, 0x79, 0x02, 0x04, 0x03];

const SEQUENCE: u8 = 0x30;
/// `[3]`, the extensions of a TBSCertificate.
const EXTENSIONS: u8 = 0xa3;

/// One element: its tag, its content, and all its bytes.
#[derive(Clone, Copy)]
pub(super) struct Element<'a> {
    pub(super) tag: u8,
    pub(super) content: &'a [u8],
    pub(super) bytes: &'a [u8],
}

impl<'a> Element<'a> {
    /// The first element of `input`, and what follows it.
    pub(super) fn read(input: &'a [u8]) -> Result<(Self, &'a [u8])> {
        let [tag, first, rest @ ..] = input else { bail!("DER ends inside a header") };
        let (length, rest) = match first {
            0..=0x7f => (usize::from(*first), rest),
            // Four bytes of length are more than any certificate needs.
            0x81..=0x84 => {
                let count = usize::from(first & 0x7f);
                ensure!(rest.len() >= count, "DER ends inside a length");
                let (digits, rest) = rest.split_at(count);
                (digits.iter().fold(0, |sum, digit| (sum << 8) | usize::from(*digit)), rest)
            }
            _ => bail!("DER length form {first:#x} is not used in certificates"),
        };
        ensure!(rest.len() >= length, "DER ends inside an element");
        let (content, after) = rest.split_at(length);
        let (bytes, _) = input.split_at(input.len() - after.len());
        Ok((Self { tag: *tag, content, bytes }, after))
    }

    /// The elements inside this one.
    pub(super) fn children(self) -> Result<Vec<Self>> {
        let mut children = Vec::new();
        let mut rest = self.content;
        while !rest.is_empty() {
            let (child, after) = Self::read(rest)?;
            children.push(child);
            rest = after;
        }
        Ok(children)
    }
}

/// The TBSCertificate of a precertificate as its final certificate will have it, before the SCT goes in: what
/// the log signs.
pub(super) fn tbs_without_poison(precertificate: &[u8]) -> Result<Vec<u8>> {
    let mut fields = Vec::new();
    for field in tbs(precertificate)?.children()? {
        if field.tag == EXTENSIONS {
            let list = Element::read(field.content)?.0;
            let kept: Vec<u8> = list
                .children()?
                .into_iter()
                .filter(|extension| !extension.content.starts_with(POISON))
                .flat_map(|extension| extension.bytes.iter().copied())
                .collect();
            ensure!(kept.len() < list.content.len(), "not a precertificate: it has no poison extension");
            fields.extend(encode(EXTENSIONS, &encode(SEQUENCE, &kept)));
        } else {
            fields.extend_from_slice(field.bytes);
        }
    }
    Ok(encode(SEQUENCE, &fields))
}

/// The SubjectPublicKeyInfo of a certificate.
pub(super) fn public_key_info(certificate: &[u8]) -> Result<&[u8]> {
    // version [0], serialNumber, signature, issuer, validity, subject, subjectPublicKeyInfo
    match tbs(certificate)?.children()?.get(6) {
        Some(info) if info.tag == SEQUENCE => Ok(info.bytes),
        _ => bail!("not a version 3 certificate"),
    }
}

fn tbs(certificate: &[u8]) -> Result<Element<'_>> {
    let certificate = Element::read(certificate)?.0;
    Ok(Element::read(certificate.content)?.0)
}

fn encode(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![tag];
    let length = content.len();
    match u8::try_from(length) {
        Ok(short @ 0..=0x7f) => bytes.push(short),
        _ => {
            let digits: Vec<u8> = length.to_be_bytes().into_iter().skip_while(|digit| *digit == 0).collect();
            // A usize has eight bytes, so the count fits.
            bytes.push(0x80 | u8::try_from(digits.len()).unwrap_or(u8::MAX));
            bytes.extend(digits);
        }
    }
    bytes.extend_from_slice(content);
    bytes
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, CustomExtension, KeyPair, SerialNumber};

    use super::{Element, public_key_info, tbs, tbs_without_poison};

    fn certificate(key: &KeyPair, poisoned: bool) -> Vec<u8> {
        let mut params = CertificateParams::new(vec!["workflow.test".to_owned()]).expect("a valid name");
        params.serial_number = Some(SerialNumber::from(7_u64));
        if poisoned {
            let mut poison =
                CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 11129, 2, 4, 3], vec![5, 0]);
            poison.set_criticality(true);
            params.custom_extensions = vec![poison];
        }
        params.self_signed(key).expect("a certificate").der().to_vec()
    }

    #[test]
    fn a_precertificate_without_its_poison_is_the_certificate() {
        let key = KeyPair::generate().expect("a key");
        let (precertificate, certificate) = (certificate(&key, true), certificate(&key, false));
        let expected = tbs(&certificate).expect("a certificate").bytes;
        assert_ne!(tbs(&precertificate).expect("a precertificate").bytes, expected);
        assert_eq!(tbs_without_poison(&precertificate).expect("a precertificate"), expected);
    }

    #[test]
    fn a_certificate_that_is_not_poisoned_is_not_signed() {
        let key = KeyPair::generate().expect("a key");
        assert!(tbs_without_poison(&certificate(&key, false)).is_err());
    }

    #[test]
    fn the_key_found_in_a_certificate_is_its_key() {
        use rcgen::PublicKeyData as _;
        let key = KeyPair::generate().expect("a key");
        let certificate = certificate(&key, false);
        assert_eq!(public_key_info(&certificate).expect("a key"), key.subject_public_key_info());
    }

    #[test]
    fn truncated_input_is_an_error_at_every_length() {
        let key = KeyPair::generate().expect("a key");
        let certificate = certificate(&key, true);
        for length in 0..certificate.len() {
            assert!(Element::read(&certificate[..length]).is_err(), "{length} bytes were read as a whole");
        }
    }
}
