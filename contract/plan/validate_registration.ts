/**
 * The schema of registrations, for the room of the API.
 *
 * @module
 */

export { RegistrationPlanSchema } from "./registration.ts";
